using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Instructions = System.Runtime.Intrinsics.X86.Aes;
using SystemAes = System.Security.Cryptography.Aes;

namespace Appliance.Crypto.Sealing;

/// <summary>
/// AES-256 (FIPS 197) in cipher feedback mode with 128 bits of feedback (SP 800-38A §6.3), from an IV of zeros, as OpenPGP encrypts (RFC 4880 §5.13). It only encrypts.
/// A block waits for the one before it through all rounds, and meanwhile a processor has room for three others: so four texts in step take hardly longer than one.
/// The rounds are instructions of the processor, which take as long whatever the key and the text; without them .NET's cipher encrypts, one text after the other.
/// </summary>
internal static class AesCfb
{
    /// <summary>Texts that are encrypted in step.</summary>
    public const int InStep = 4;

    private const int KeyLength = 32;
    private const int BlockLength = 16;
    private const int Rounds = 14;

    /// <summary>Encrypts a text, of any length, where it lies.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="withInstructions">False: by .NET's cipher, whatever the processor has.</param>
    public static void Encrypt(ReadOnlySpan<byte> key, Span<byte> text, bool withInstructions = true)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        if (!withInstructions || !Instructions.IsSupported)
        {
            EncryptBySystem(key, text);
            return;
        }
        Span<Vector128<byte>> roundKeys = stackalloc Vector128<byte>[Rounds + 1];
        Expand(key, roundKeys);
        EncryptRest(roundKeys, text, Vector128<byte>.Zero);
        Wipe(roundKeys);
    }

    /// <summary>Encrypts four texts, each from zeros and where it lies: fastest when they are of one length.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="withInstructions">False: by .NET's cipher, whatever the processor has.</param>
    public static void Encrypt(ReadOnlySpan<byte> key, Span<byte> first, Span<byte> second, Span<byte> third, Span<byte> fourth, bool withInstructions = true)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        if (!withInstructions || !Instructions.IsSupported)
        {
            EncryptBySystem(key, first);
            EncryptBySystem(key, second);
            EncryptBySystem(key, third);
            EncryptBySystem(key, fourth);
            return;
        }
        Span<Vector128<byte>> roundKeys = stackalloc Vector128<byte>[Rounds + 1];
        Expand(key, roundKeys);
        EncryptInStep(roundKeys, first, second, third, fourth);
        Wipe(roundKeys);
    }

    private static void EncryptInStep(ReadOnlySpan<Vector128<byte>> roundKeys, Span<byte> first, Span<byte> second, Span<byte> third, Span<byte> fourth)
    {
        var count = Math.Min(Math.Min(first.Length, second.Length), Math.Min(third.Length, fourth.Length)) / BlockLength;
        var a = Blocks(first, count);
        var b = Blocks(second, count);
        var c = Blocks(third, count);
        var d = Blocks(fourth, count);
        var (ofA, ofB, ofC, ofD) = (Vector128<byte>.Zero, Vector128<byte>.Zero, Vector128<byte>.Zero, Vector128<byte>.Zero);
        for (var i = 0; i < count; i++)
        {
            var key = roundKeys[0];
            (ofA, ofB, ofC, ofD) = (ofA ^ key, ofB ^ key, ofC ^ key, ofD ^ key);
            for (var round = 1; round < Rounds; round++)
            {
                key = roundKeys[round];
                ofA = Instructions.Encrypt(ofA, key);
                ofB = Instructions.Encrypt(ofB, key);
                ofC = Instructions.Encrypt(ofC, key);
                ofD = Instructions.Encrypt(ofD, key);
            }
            key = roundKeys[Rounds];
            a[i] = ofA = Instructions.EncryptLast(ofA, key) ^ a[i];
            b[i] = ofB = Instructions.EncryptLast(ofB, key) ^ b[i];
            c[i] = ofC = Instructions.EncryptLast(ofC, key) ^ c[i];
            d[i] = ofD = Instructions.EncryptLast(ofD, key) ^ d[i];
        }
        EncryptRest(roundKeys, first[(count * BlockLength)..], ofA);
        EncryptRest(roundKeys, second[(count * BlockLength)..], ofB);
        EncryptRest(roundKeys, third[(count * BlockLength)..], ofC);
        EncryptRest(roundKeys, fourth[(count * BlockLength)..], ofD);
    }

    private static Span<Vector128<byte>> Blocks(Span<byte> text, int count) => MemoryMarshal.Cast<byte, Vector128<byte>>(text[..(count * BlockLength)]);

    /// <param name="text">From a block's beginning on.</param>
    /// <param name="feedback">The encrypted block before it.</param>
    private static void EncryptRest(ReadOnlySpan<Vector128<byte>> roundKeys, Span<byte> text, Vector128<byte> feedback)
    {
        var blocks = Blocks(text, text.Length / BlockLength);
        for (var i = 0; i < blocks.Length; i++)
            blocks[i] = feedback = EncryptBlock(roundKeys, feedback) ^ blocks[i];
        var rest = text[(blocks.Length * BlockLength)..];
        if (rest.IsEmpty)
            return;
        var last = EncryptBlock(roundKeys, feedback);
        for (var i = 0; i < rest.Length; i++)
            rest[i] ^= last[i];
    }

    private static Vector128<byte> EncryptBlock(ReadOnlySpan<Vector128<byte>> roundKeys, Vector128<byte> block)
    {
        block ^= roundKeys[0];
        for (var round = 1; round < Rounds; round++)
            block = Instructions.Encrypt(block, roundKeys[round]);
        return Instructions.EncryptLast(block, roundKeys[Rounds]);
    }

    /// <summary>FIPS 197 §5.2 for Nk = 8: of the two round keys before it, each is made of one word of the second and of all of the first.</summary>
    private static void Expand(ReadOnlySpan<byte> key, Span<Vector128<byte>> roundKeys)
    {
        roundKeys[0] = Vector128.Create(key[..BlockLength]);
        roundKeys[1] = Vector128.Create(key[BlockLength..]);
        // The instruction takes its round constant as part of itself.
        MakeTwo(roundKeys, 2, Instructions.KeygenAssist(roundKeys[1], 0x01));
        MakeTwo(roundKeys, 4, Instructions.KeygenAssist(roundKeys[3], 0x02));
        MakeTwo(roundKeys, 6, Instructions.KeygenAssist(roundKeys[5], 0x04));
        MakeTwo(roundKeys, 8, Instructions.KeygenAssist(roundKeys[7], 0x08));
        MakeTwo(roundKeys, 10, Instructions.KeygenAssist(roundKeys[9], 0x10));
        MakeTwo(roundKeys, 12, Instructions.KeygenAssist(roundKeys[11], 0x20));
        roundKeys[14] = Next(roundKeys[12], RotatedWord(Instructions.KeygenAssist(roundKeys[13], 0x40)));
    }

    private static void MakeTwo(Span<Vector128<byte>> roundKeys, int at, Vector128<byte> assisted)
    {
        roundKeys[at] = Next(roundKeys[at - 2], RotatedWord(assisted));
        roundKeys[at + 1] = Next(roundKeys[at - 1], SubstitutedWord(Instructions.KeygenAssist(roundKeys[at], 0)));
    }

    private static Vector128<byte> Next(Vector128<byte> before, Vector128<byte> word)
    {
        // Each word of it is the sum of the words before it and its own.
        before ^= Sse2.ShiftLeftLogical128BitLane(before, 4);
        before ^= Sse2.ShiftLeftLogical128BitLane(before, 8);
        return before ^ word;
    }

    /// <summary>RotWord(SubWord(w₃)) with the round constant, four times.</summary>
    private static Vector128<byte> RotatedWord(Vector128<byte> assisted) => Sse2.Shuffle(assisted.AsInt32(), 0b_11_11_11_11).AsByte();

    /// <summary>SubWord(w₃), four times.</summary>
    private static Vector128<byte> SubstitutedWord(Vector128<byte> assisted) => Sse2.Shuffle(assisted.AsInt32(), 0b_10_10_10_10).AsByte();

    private static void Wipe(Span<Vector128<byte>> roundKeys) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(roundKeys));

    private static void EncryptBySystem(ReadOnlySpan<byte> key, Span<byte> text)
    {
        using var system = SystemAes.Create();
        system.SetKey(key);
        // .NET's CFB without padding takes whole blocks only.
        var whole = text[..(text.Length / BlockLength * BlockLength)];
        var rest = text[whole.Length..];
        Span<byte> feedback = stackalloc byte[BlockLength];
        feedback.Clear();
        if (!whole.IsEmpty)
        {
            system.EncryptCfb(whole, feedback, whole, PaddingMode.None, 8 * BlockLength);
            whole[^BlockLength..].CopyTo(feedback);
        }
        system.EncryptEcb(feedback, feedback, PaddingMode.None);
        for (var i = 0; i < rest.Length; i++)
            rest[i] ^= feedback[i];
    }
}
