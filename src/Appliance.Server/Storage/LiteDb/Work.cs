namespace Appliance.Server.Storage.LiteDb;

/// <summary>A caller's work on its way through the writer.</summary>
internal abstract class Work(CancellationToken cancellation)
{
    /// <summary>Answers the caller and returns true when the work is not wanted any more.</summary>
    public bool CancelIfAsked()
    {
        if (!cancellation.IsCancellationRequested)
            return false;
        Cancel(cancellation);
        return true;
    }

    /// <summary>Runs the work, perhaps not for the first time; false when it threw, and then nothing it wrote counts.</summary>
    public abstract bool Run(LiteDbTransaction transaction);

    /// <summary>Tells the caller what <see cref="Run"/> came to; the group is durable.</summary>
    public abstract void Finish();

    public abstract void Fail(Exception error);

    protected abstract void Cancel(CancellationToken cancellation);
}

internal sealed class Work<T>(Func<IStoreTransaction, T> run, CancellationToken cancellation) : Work(cancellation)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _error;

    public Task<T> Completion => _completion.Task;

    public override bool Run(LiteDbTransaction transaction)
    {
        _error = null;
        try
        {
            _result = run(transaction);
            return true;
        }
        catch (Exception error) // the caller's; it gets it once the group it looked at is durable
        {
            _error = error;
            return false;
        }
        finally
        {
            transaction.End();
        }
    }

    public override void Finish()
    {
        if (_error is null)
            _completion.TrySetResult(_result!);
        else
            _completion.TrySetException(_error);
    }

    public override void Fail(Exception error) => _completion.TrySetException(error);

    protected override void Cancel(CancellationToken cancellation) => _completion.TrySetCanceled(cancellation);
}

/// <summary>Not a write: something to do between two groups. It ends the group it falls into.</summary>
internal sealed class Pause(Action action) : Work(CancellationToken.None)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Completion => _completion.Task;

    public override bool Run(LiteDbTransaction transaction) => true;

    public override void Finish()
    {
        try
        {
            action();
            _completion.TrySetResult();
        }
        catch (Exception error) // the caller's
        {
            _completion.TrySetException(error);
        }
    }

    public override void Fail(Exception error) => _completion.TrySetException(error);

    protected override void Cancel(CancellationToken cancellation)
    {
    }
}
