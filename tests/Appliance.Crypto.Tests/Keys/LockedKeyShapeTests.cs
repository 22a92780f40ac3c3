using Appliance.Crypto.Keys;

namespace Appliance.Crypto.Tests.Keys;

public sealed class LockedKeyShapeTests
{
    /// <summary>Its answer to this is an exception of a kind that is neither PGP nor I/O.</summary>
    [Fact]
    public void A_key_packet_of_an_unknown_version_is_not_a_locked_key() =>
        Assert.False(LockedKeyShape.IsLocked([0xC5, 6, 0, 0, 0, 0, 0, 22], new string('0', 40)));
}
