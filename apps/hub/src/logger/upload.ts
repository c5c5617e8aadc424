import type { JsonObject } from "@hearth/device-sdk";

const MOST_ENTRIES = 1_000;
/** Of a message's entries; the broker's limit of a payload is 128 KiB. */
const MOST_BYTES = 100_000;

/** The entries, in order, in as few messages of `north/{id}/logs` as hold them (docs/device-protocol.md, "Logs"). */
export function* uploads<Entry extends JsonObject>(entries: readonly Entry[]): Generator<Entry[]> {
  let batch: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (batch.length === MOST_ENTRIES || (batch.length > 0 && bytes + size > MOST_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
