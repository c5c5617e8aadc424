import { writeSync } from "node:fs";
import { CONSUMER, openWork, workBatch } from "./store-work.ts";

/**
 * Commits batches without end, a line `ack <batch>` for each that is durable, `error <code> <message>` for each that
 * was refused. Arguments: directory, prefix of the writers' names, number of writers, "no-fsync" or nothing.
 */
const [directory, prefix, writers, mode] = process.argv.slice(2);
if (!directory || !prefix || !writers) throw new Error("directory, prefix and number of writers");

// Ends with the process that started it.
process.stdin.on("end", () => process.exit(1)).resume();

const { database, outbox } = await openWork(directory, mode === "no-fsync");
// Delivered at once, so that removals run between the batches.
outbox.consume("at once", async () => {});
await outbox.start();

const names = Array.from({ length: Number(writers) }, (_, index) => `${prefix}${index}`);
// All of them before the first acknowledgement, which may be followed by the disk's failure.
await Promise.all(
  names.map((name) => database.commit([{ sql: "INSERT INTO writer (id, count) VALUES (?, 0)", params: [name] }])),
);

async function write(writer: string): Promise<void> {
  for (let number = 1; ; number++) {
    const { batch, writes } = workBatch(writer, number);
    const messages = [outbox.write(CONSUMER, writer, batch), outbox.write("at once", writer, batch)];
    for (;;) {
      try {
        await database.commit([...writes, ...messages]);
        break;
      } catch (error) {
        const { code, name, message } = error as Error & { code?: string };
        writeSync(1, `error ${code ?? name} ${message}\n`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    outbox.wake();
    // A pipe: written when the call returns, before anything else can happen.
    writeSync(1, `ack ${batch}\n`);
  }
}

await Promise.all(names.map(write));
