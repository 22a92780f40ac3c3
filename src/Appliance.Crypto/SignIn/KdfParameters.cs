using System.Buffers.Binary;

namespace Appliance.Crypto.SignIn;

/// <summary>How much one guess of a password costs: Argon2id, RFC 9106 (docs/formats.md, "Password to keys").</summary>
/// <param name="MemoryKiB">In KiB.</param>
public sealed record KdfParameters(uint MemoryKiB, uint Passes, uint Lanes)
{
    public const string Argon2id = "argon2id";
    public const byte Argon2idCode = 1;
    public const int SaltLength = 16;
    public const int ByteLength = 13;
    public const uint LeastMemoryKiB = 65_536;
    public const uint LeastPasses = 3;

    // A bound on what a server may ask of a client; a gibibyte is beyond any phone.
    public const uint MostMemoryKiB = 1_048_576;
    public const uint MostPasses = 64;

    public static KdfParameters Default { get; } = new(LeastMemoryKiB, LeastPasses, 1);

    /// <summary>
    /// What is wrong with parameters that came from the other side, or null. A client refuses weak ones, since a server could ask
    /// for them to make guessing cheap.
    /// </summary>
    public static string? WhatIsWrongWith(string kdf, uint memoryKiB, uint passes, uint lanes, int saltLength)
    {
        if (kdf != Argon2id)
            return $"The key derivation “{kdf}” is not known to this program; update it.";
        if (memoryKiB is < LeastMemoryKiB or > MostMemoryKiB)
            return $"Key derivation asks for {memoryKiB} KiB of memory; {LeastMemoryKiB} to {MostMemoryKiB} are allowed.";
        if (passes is < LeastPasses or > MostPasses)
            return $"Key derivation asks for {passes} passes; {LeastPasses} to {MostPasses} are allowed.";
        if (lanes != 1)
            return $"Key derivation asks for {lanes} lanes; 1 is allowed.";
        return saltLength == SaltLength ? null : $"The salt has {saltLength} bytes instead of {SaltLength}.";
    }

    /// <summary>kdf u8 ‖ memory u32 ‖ passes u32 ‖ lanes u32.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[ByteLength];
        bytes[0] = Argon2idCode;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), MemoryKiB);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(5), Passes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(9), Lanes);
        return bytes;
    }
}
