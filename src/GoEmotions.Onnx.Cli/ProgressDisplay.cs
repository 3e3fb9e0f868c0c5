using System.Diagnostics;
using Spectre.Console;

namespace GoEmotions.Onnx.Cli;

/// <summary>
/// Shows how far a long work has come, on the error stream: a bar that moves where a person watches, else a line every ten seconds.
/// Thread-safe.
/// </summary>
internal sealed class ProgressDisplay : IAsyncDisposable
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);

    private readonly CliConsole _console;
    private readonly IAnsiConsole? _terminal;
    private readonly TaskCompletionSource _ended = new();
    private readonly Lock _lock = new();
    private Task _live = Task.CompletedTask;
    private ProgressTask? _task;
    private long _shown = Stopwatch.GetTimestamp();

    private ProgressDisplay(CliConsole console)
    {
        _console = console;
        if (console.ErrorIsTerminal)
        {
            _terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes });
            _terminal.Profile.Width = Math.Max(Console.WindowWidth, 40);
        }
    }

    /// <summary>Begins.</summary>
    /// <param name="console">The streams.</param>
    /// <param name="title">What goes on.</param>
    /// <param name="total">The amount of work.</param>
    public static ProgressDisplay Start(CliConsole console, string title, double total)
    {
        var display = new ProgressDisplay(console);
        if (display._terminal is IAnsiConsole terminal)
        {
            var started = new TaskCompletionSource();
            display._live = terminal.Progress()
                .AutoClear(true)
                .Columns(new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
                .StartAsync(async context =>
                {
                    display._task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(total, 1));
                    started.SetResult();
                    await display._ended.Task;
                });
            started.Task.Wait();
        }

        return display;
    }

    /// <summary>Tells how much is done.</summary>
    /// <param name="done">The amount of work done.</param>
    /// <param name="describe">What to say of it; called only when it is shown.</param>
    public void Update(double done, Func<string> describe)
    {
        lock (_lock)
        {
            if (Stopwatch.GetElapsedTime(_shown) < (_task is null ? LineInterval : BarInterval))
            {
                return;
            }

            _shown = Stopwatch.GetTimestamp();
            if (_task is ProgressTask task)
            {
                task.Value = done;
                task.Description = Markup.Escape(describe());
            }
            else
            {
                _console.Note(describe());
            }
        }
    }

    /// <summary>Writes a line that stays.</summary>
    /// <param name="line">The line.</param>
    public void Note(string line)
    {
        lock (_lock)
        {
            if (_terminal is IAnsiConsole terminal)
            {
                terminal.WriteLine(line);
            }
            else
            {
                _console.Note(line);
            }
        }
    }

    /// <summary>Ends, and takes the bar away.</summary>
    public async ValueTask DisposeAsync()
    {
        _ended.TrySetResult();
        await _live;
    }
}
