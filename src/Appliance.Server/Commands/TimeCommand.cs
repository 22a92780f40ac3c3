using System.CommandLine;
using Appliance.Contracts;
using Appliance.Server.SelfDestruct;

namespace Appliance.Server.Commands;

/// <summary><c>appliance time confirm</c>: the machine's clock is right, although it leapt.</summary>
internal static class TimeCommand
{
    public static Command Build(Lazy<IConfigurationRoot> configuration) =>
        new("time", "Say whether the machine's clock is right.") { BuildConfirm(configuration) };

    private static Command BuildConfirm(Lazy<IConfigurationRoot> configuration)
    {
        var command = new Command("confirm", "The clock is right: destroy what has expired by it.");
        command.SetAction(async (_, cancellationToken) =>
        {
            var answer = await Target.AskAsync<TimeConfirmResponse>(
                configuration.Value,
                HttpMethod.Post,
                "/control/time/confirm",
                body: null,
                async (services, _, cancellation) =>
                {
                    var now = await services.GetRequiredService<DestructionClock>().ConfirmAsync(cancellation);
                    return new(new TimeConfirmResponse(now, await services.GetRequiredService<Destroyer>().RunAsync(cancellation)), null);
                },
                cancellationToken);
            Console.WriteLine($"It is {answer.Now:u}. {answer.Destroyed} messages that had expired were destroyed.");
            return CommandLine.Done;
        });
        return command;
    }
}
