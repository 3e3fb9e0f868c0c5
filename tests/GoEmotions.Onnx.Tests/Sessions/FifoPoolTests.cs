using GoEmotions.Onnx.Sessions;

namespace GoEmotions.Onnx.Tests.Sessions;

public sealed class FifoPoolTests
{
    [Fact]
    public void FifoPool_ManyThreads_NeverShareAnItem()
    {
        using var pool = new FifoPool<Item>(3, () => new Item());
        Parallel.For(0, 20, _ =>
        {
            for (int turn = 0; turn < 500; turn++)
            {
                Item item = pool.Rent(this);
                Assert.Equal(1, Interlocked.Increment(ref item.Users));
                Interlocked.Decrement(ref item.Users);
                pool.Return(item);
            }
        });
    }

    [Fact]
    public void FifoPool_Waiters_AreServedInTheirOrder()
    {
        using var pool = new FifoPool<Item>(1, () => new Item());
        Item item = pool.Rent(this);
        var order = new List<int>();
        var threads = new List<Thread>();
        for (int index = 0; index < 5; index++)
        {
            int place = index;
            var thread = new Thread(() =>
            {
                Item mine = pool.Rent(this);
                order.Add(place);
                pool.Return(mine);
            });
            thread.Start();
            threads.Add(thread);
            SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        }

        pool.Return(item);
        threads.ForEach(thread => thread.Join());
        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public async Task FifoPool_Disposed_WaitsForWhatIsOut()
    {
        var pool = new FifoPool<Item>(2, () => new Item());
        Item item = pool.Rent(this);
        Task disposing = Task.Run(pool.Dispose, TestContext.Current.CancellationToken);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(disposing.IsCompleted);
        Assert.False(item.IsDisposed);
        pool.Return(item);
        await disposing;
        Assert.True(item.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => pool.Rent(this));
        pool.Dispose();
    }

    [Fact]
    public void FifoPool_InterruptedWaiter_LosesNoItem()
    {
        using var pool = new FifoPool<Item>(1, () => new Item());
        for (int turn = 0; turn < 50; turn++)
        {
            Item item = pool.Rent(this);
            var waiter = new Thread(() =>
            {
                try
                {
                    pool.Return(pool.Rent(this));
                }
                catch (ThreadInterruptedException)
                {
                    // Which of the two comes first is left to chance.
                }
            });
            waiter.Start();
            waiter.Interrupt();
            pool.Return(item);
            waiter.Join();
        }

        pool.Return(pool.Rent(this));
    }

    private sealed class Item : IDisposable
    {
        public int Users;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
