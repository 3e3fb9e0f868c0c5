using System.Runtime.InteropServices;

namespace GoEmotions.Onnx.Sessions;

/// <summary>Owns a native session.</summary>
internal sealed class SessionHandle : SafeHandle
{
    public SessionHandle(nint session)
        : base(invalidHandleValue: 0, ownsHandle: true) => SetHandle(session);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        RuntimeApi.ReleaseSession(handle);
        return true;
    }
}
