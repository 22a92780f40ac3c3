using Appliance.Contracts;

namespace Appliance.Server.Tests.Hosting;

public sealed class ContractsJsonTests
{
    /// <summary>What is missing is refused by the running program only, and in a native one there is nothing to fall back on.</summary>
    [Fact]
    public void Whatever_is_sent_has_its_code()
    {
        var records = typeof(ContractsJson).Assembly.GetExportedTypes().Where(type => type.GetMethod("<Clone>$") is not null).ToList();
        Assert.True(records.Count > 50);
        Assert.DoesNotContain(records, type => ContractsJson.Default.GetTypeInfo(type) is null);
    }
}
