using Appliance.Server.Commands;
using Appliance.Server.Hosting;

ProcessHardening.Apply();
return await CommandLine.RunAsync(args);
