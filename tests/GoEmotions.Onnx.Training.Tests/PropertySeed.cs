using FsCheck.Xunit;

// Every run draws the same cases, so that a red run is red for its change; take the line out to draw new ones.
[assembly: Properties(Replay = "(2474071471149136443,107473609844105561)")]
