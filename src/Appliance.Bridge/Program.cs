Console.WriteLine("appliance-bridge");
