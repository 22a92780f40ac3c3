using Appliance.Bridge;

return await BridgeCommand.InvokeAsync(args, BridgeHost.ForConsole());
