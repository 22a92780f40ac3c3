using Appliance.Contracts;

namespace Appliance.Server.Storage.Upkeep;

/// <summary>What a check found, listed up to a limit and counted beyond: a lost key makes every page a finding.</summary>
internal sealed class Findings
{
    private const int MostListed = 1000;
    private readonly List<StoreFinding> _listed = [];

    public IReadOnlyList<StoreFinding> Listed => _listed;

    public long LeftOut { get; private set; }

    public void Add(string where, string problem, string remedy)
    {
        if (_listed.Count < MostListed)
            _listed.Add(new StoreFinding(where, problem, remedy));
        else
            LeftOut++;
    }
}
