import { StringDecoder } from "node:string_decoder";
import type { Clock, Logger } from "@hearth/base";

/** Where the lines of functions go. */
export interface LogSink {
  /** Makes what is missing; at most 10,000 events and 1 MiB. */
  put(
    place: { accountId: string; region: string },
    group: string,
    stream: string,
    events: readonly { at: number; message: string }[],
  ): Promise<void>;
}

const FLUSH_MS = 500;
/** Kept between two flushes; what is beyond is dropped and counted. */
const MOST_BYTES = 512 * 1024;
const MOST_LINES = 5_000;
/** Longer lines are cut into several events. */
const LONGEST_LINE = 128 * 1024;
/** AWS: Invoke, LogResult: the last 4 KB. */
const TAIL_BYTES = 4_096;

export interface FunctionLog {
  /** What a child has written on one of its streams. */
  output(from: "stdout" | "stderr", chunk: Buffer): void;
  /** A line of the platform's own. */
  line(text: string): void;
  /** From here on the end of what is written is kept. */
  startTail(): void;
  takeTail(): Buffer;
  /** Hands over what is there; to be called when the environment has ended. */
  end(): Promise<void>;
}

/** The log stream of one environment. A child that floods it costs a bounded buffer and what it wrote is cut. */
export function createFunctionLog(deps: {
  clock: Clock;
  log: Logger;
  sink: LogSink | undefined;
  place: { accountId: string; region: string };
  group: string;
  stream: string;
}): FunctionLog {
  const { clock, log, sink, place, group, stream } = deps;
  let lines: { at: number; message: string }[] = [];
  let bytes = 0;
  let dropped = 0;
  let cancel: (() => void) | undefined;
  let flushing: Promise<void> = Promise.resolve();
  const partial = { stdout: "", stderr: "" };
  const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  let tail: string[] | undefined;
  let tailBytes = 0;

  function flush(): Promise<void> {
    cancel?.();
    cancel = undefined;
    const events = lines;
    if (dropped > 0) events.push({ at: clock.now(), message: `[${dropped} bytes of output were dropped]` });
    lines = [];
    bytes = 0;
    dropped = 0;
    if (events.length === 0 || !sink) return flushing;
    flushing = flushing
      .then(() => sink.put(place, group, stream, events))
      .catch((error: unknown) => log.warn({ err: error, group, stream }, "a function's log could not be written"));
    return flushing;
  }

  function add(message: string): void {
    if (message === "") return;
    if (tail) {
      tail.push(message);
      tailBytes += message.length + 1;
      while (tailBytes - (tail[0]?.length ?? 0) > TAIL_BYTES) tailBytes -= (tail.shift()?.length ?? 0) + 1;
    }
    if (bytes + message.length > MOST_BYTES || lines.length >= MOST_LINES) {
      dropped += message.length;
      return;
    }
    bytes += message.length + 26;
    lines.push({ at: clock.now(), message });
    cancel ??= clock.after(FLUSH_MS, () => void flush());
  }

  return {
    output(from, chunk) {
      // Text of a flood is not even read.
      if (bytes >= MOST_BYTES - LONGEST_LINE && partial[from].length === 0) {
        dropped += chunk.length;
        if (!tail) return;
        add(chunk.subarray(-TAIL_BYTES).toString("utf8"));
        return;
      }
      const text = partial[from] + decoders[from].write(chunk);
      const parts = text.split("\n");
      partial[from] = parts.pop() ?? "";
      for (const part of parts) add(part.endsWith("\r") ? part.slice(0, -1) : part);
      if (partial[from].length > LONGEST_LINE) {
        add(partial[from]);
        partial[from] = "";
      }
    },
    line: add,
    startTail() {
      tail = [];
      tailBytes = 0;
    },
    takeTail() {
      const text = (tail ?? []).map((line) => `${line}\n`).join("");
      tail = undefined;
      return Buffer.from(text).subarray(-TAIL_BYTES);
    },
    async end() {
      for (const from of ["stdout", "stderr"] as const) {
        add(partial[from]);
        partial[from] = "";
      }
      await flush();
    },
  };
}
