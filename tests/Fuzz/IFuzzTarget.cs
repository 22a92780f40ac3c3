namespace Appliance.Fuzz;

/// <summary>Something that reads octets from strangers.</summary>
internal interface IFuzzTarget
{
    string Name { get; }

    /// <summary>Well-formed inputs to begin with.</summary>
    IReadOnlyList<byte[]> Corpus();

    /// <summary>What mutations put in: words that mean something to the target.</summary>
    IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>Throws when the input broke something.</summary>
    void Run(ReadOnlyMemory<byte> input);

    /// <summary>Throws when all of the inputs together broke something.</summary>
    void Finish()
    {
    }
}
