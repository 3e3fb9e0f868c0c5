namespace GoEmotions.Onnx.Sessions;

/// <summary>
/// A fixed number of items that threads take turns with. Who waits longest is served first: an item that comes back is
/// handed to that thread, so that a caller in a loop does not keep it from all others. Renting and returning allocate
/// nothing but one object for each thread that ever waits. Thread-safe.
/// </summary>
/// <remarks>
/// <see cref="Dispose"/> refuses new rents, lets who waits already be served, and returns when every item has come back.
/// </remarks>
internal sealed class FifoPool<T> : IDisposable
    where T : class
{
    // Held for a few instructions, twice for each run.
    private readonly object _gate = new();
    private readonly T[] _items;
    private int _freeCount;
    private bool _closed;
    private bool _freed;
    private Waiter? _firstWaiter;
    private Waiter? _lastWaiter;

    [ThreadStatic]
    private static Waiter? _waiter;

    /// <summary>Makes the items; they are the pool's.</summary>
    public FifoPool(int count, Func<T> create)
    {
        _items = new T[count];
        try
        {
            for (; _freeCount < count; _freeCount++)
            {
                _items[_freeCount] = create();
            }
        }
        catch
        {
            FreeItems();
            throw;
        }
    }

    /// <summary>Takes an item, waiting for one where all are out.</summary>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    public T Rent(object owner)
    {
        Waiter waiter;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            if (_freeCount > 0)
            {
                return _items[--_freeCount];
            }

            waiter = _waiter ??= new Waiter();
            if (_lastWaiter is null)
            {
                _firstWaiter = waiter;
            }
            else
            {
                _lastWaiter.Next = waiter;
            }

            _lastWaiter = waiter;
        }

        try
        {
            return waiter.Wait();
        }
        catch (ThreadInterruptedException)
        {
            // The waiter is still in the line, or an item was handed to it after all.
            _waiter = null;
            Abandon(waiter);
            throw;
        }
    }

    /// <summary>Gives an item back.</summary>
    public void Return(T item)
    {
        Waiter? next;
        lock (_gate)
        {
            next = _firstWaiter;
            if (next is null)
            {
                _items[_freeCount++] = item;
                if (_closed)
                {
                    Monitor.PulseAll(_gate);
                }

                return;
            }

            _firstWaiter = next.Next;
            next.Next = null;
            if (_firstWaiter is null)
            {
                _lastWaiter = null;
            }
        }

        next.Give(item);
    }

    /// <summary>Waits until every item has come back, and disposes of them. A second call waits too.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            while (_freeCount < _items.Length && !_freed)
            {
                Monitor.Wait(_gate);
            }

            if (!_freed)
            {
                _freed = true;
                FreeItems();
            }
        }
    }

    private void Abandon(Waiter waiter)
    {
        lock (_gate)
        {
            Waiter? previous = null;
            for (Waiter? item = _firstWaiter; item is not null; previous = item, item = item.Next)
            {
                if (item == waiter)
                {
                    if (previous is null)
                    {
                        _firstWaiter = item.Next;
                    }
                    else
                    {
                        previous.Next = item.Next;
                    }

                    if (_lastWaiter == item)
                    {
                        _lastWaiter = previous;
                    }

                    return;
                }
            }
        }

        // It left the line: an item was handed to it, or is about to be. Its turn is passed on.
        Return(waiter.TakeUninterrupted());
    }

    private void FreeItems()
    {
        for (int index = 0; index < _freeCount; index++)
        {
            (_items[index] as IDisposable)?.Dispose();
        }
    }

    private sealed class Waiter
    {
        private T? _item;

        public Waiter? Next { get; set; }

        public T Wait()
        {
            lock (this)
            {
                while (_item is null)
                {
                    Monitor.Wait(this);
                }

                return Take();
            }
        }

        public void Give(T item)
        {
            lock (this)
            {
                _item = item;
                Monitor.Pulse(this);
            }
        }

        public T TakeUninterrupted()
        {
            lock (this)
            {
                while (_item is null)
                {
                    try
                    {
                        Monitor.Wait(this);
                    }
                    catch (ThreadInterruptedException)
                    {
                        // Once is told the caller already.
                    }
                }

                return Take();
            }
        }

        private T Take()
        {
            T item = _item!;
            _item = null;
            return item;
        }
    }
}
