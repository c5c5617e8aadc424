import { startBulb } from "./bulb.ts";

const [serial = "BULB1", port = "8091", host = "127.0.0.1"] = process.argv.slice(2);
const bulb = await startBulb({ serial, port: Number(port), host });
console.log(`bulb ${serial} shines at ${bulb.address}/bulb; its label reads HTTPBULB:${serial}`);
