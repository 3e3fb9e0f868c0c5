namespace GoEmotions.Onnx.Training.Artifacts;

/// <summary>
/// The fields of a checkpoint's tables by their slots, as ONNX Runtime's schemas <c>checkpoint.fbs</c> and <c>ort.fbs</c> number
/// them (1.19.2), and the names of what the tables hold.
/// </summary>
internal static class OrtCheckpointSlots
{
    public const string Identifier = "ODTC";
    public const string FirstMoment = "momentum0";
    public const string SecondMoment = "momentum1";

    public static class Checkpoint
    {
        public const int Version = 0;
        public const int ModuleState = 1;
        public const int OptimizerGroups = 2;
        public const int PropertyBag = 3;
        public const int Count = 4;
    }

    public static class ModuleState
    {
        public const int RequiresGradParams = 0;
        public const int FrozenParams = 1;
        public const int IsNominalState = 2;
        public const int HasExternalData = 3;
        public const int Count = 4;
    }

    public static class OptimizerGroup
    {
        public const int GroupName = 0;
        public const int Step = 1;
        public const int InitialLearningRate = 2;
        public const int OptimizerStates = 3;
        public const int Count = 4;
    }

    public static class OptimizerState
    {
        public const int ParamName = 0;
        public const int Momentums = 1;
        public const int Count = 2;
    }

    public static class PropertyBag
    {
        public const int Ints = 0;
        public const int Floats = 1;
        public const int Strings = 2;
        public const int Count = 3;
    }

    public static class Property
    {
        public const int Name = 0;
        public const int Value = 1;
        public const int Count = 2;
    }

    public static class Tensor
    {
        public const int Name = 0;
        public const int Dims = 2;
        public const int DataType = 3;
        public const int RawData = 4;
        public const int Count = 7;
    }
}
