import { connectBus } from "../bus/socket-bus.ts";

/** Another part of the hub in a process of its own, for tests: says one thing to the cloud, and what it hears of it. */
const [path, message] = process.argv.slice(2);
const bus = connectBus(path as string);
bus.subscribe("mqtt.south.control", (heard) => process.stdout.write(`${JSON.stringify(heard)}\n`));
bus.onPresence((service, there) => {
  if (service !== "mqtt" || !there) return;
  bus
    .request("mqtt", "send", { channel: "control", message: JSON.parse(message as string), durable: true })
    .then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
});
