import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { awsLimits, type BrokerLimits, standardLimits } from "@hearth/broker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createArena } from "./arena.ts";

const long = process.env["HEARTH_LONG"] === "1";
const seed = Number(process.env["HEARTH_SEED"] ?? (long ? Math.floor(Math.random() * 2 ** 32) : 1));
/** Over both profiles. */
const streams = Number(process.env["HEARTH_FUZZ_STREAMS"] ?? (long ? 1_000_000 : 3_000));
const CONNECTIONS = 32;
/** After so many streams the broker has to be as it was before them. */
const ROUND = 1024;
/** Bytes that the heap may have grown by, after the first tenth of the streams has filled what caches there are. */
const GROWTH = 16 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function heap(): Promise<number> {
  // What is freed on another thread, or by a finalizer, is gone only after the next turns.
  for (let i = 0; i < 4; i++) {
    collect();
    await turn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const unobserved: unknown[] = [];
const observe = (reason: unknown) => unobserved.push(reason);
beforeAll(() => {
  process.on("unhandledRejection", observe);
  process.on("uncaughtException", observe);
});
afterAll(() => {
  process.off("unhandledRejection", observe);
  process.off("uncaughtException", observe);
});

const say = (text: string) => process.stdout.write(`fuzz: ${text}\n`);

const profiles: [string, BrokerLimits, number][] = [
  ["standard", standardLimits, 0],
  ["aws", awsLimits, 1],
];

test.each(profiles)("mutated streams against the profile %s", async (profile, limits, part) => {
  const count = Math.ceil(streams / profiles.length);
  const from = part * count;
  say(`${profile}: HEARTH_SEED=${seed}, streams ${from} to ${from + count - 1}`);
  const arena = await createArena(limits, seed);
  const begin = performance.now();
  let settled: number | undefined;
  let told = 0;
  try {
    for (let done = 0; done < count; done += ROUND) {
      const end = Math.min(done + ROUND, count);
      for (let at = done; at < end; at += CONNECTIONS) {
        await arena.attack(from + at, Math.min(CONNECTIONS, end - at));
        if (unobserved.length > 0)
          throw new Error(`seed ${seed}, before stream ${from + at}`, { cause: unobserved[0] });
      }
      await arena.rest();
      if (settled === undefined && end * 10 >= count) settled = await heap();
      const tenth = Math.floor((end * 10) / count);
      if (long && tenth > told) {
        told = tenth;
        const seconds = (performance.now() - begin) / 1000;
        say(`${profile}: ${end} streams in ${seconds.toFixed(0)} s, heap ${((await heap()) / 2 ** 20).toFixed(1)} MiB`);
      }
    }
    const { connectionsAccepted, packetsIn, messagesIn, messagesOut, protocolErrors } = arena.metrics;
    say(
      `${profile}: ${connectionsAccepted} connections accepted, ${packetsIn} packets and ${messagesIn} messages taken, ` +
        `${messagesOut} sent, ${protocolErrors} errors of the protocol`,
    );
    // Mutations that all fail at CONNECT would try nothing.
    expect(connectionsAccepted).toBeGreaterThan(count / 2);
    expect(messagesIn).toBeGreaterThan(count / 2);
    expect(protocolErrors).toBeGreaterThan(count / 5);
    expect((await heap()) - settled!).toBeLessThan(GROWTH);
  } finally {
    await arena.stop();
  }
});
