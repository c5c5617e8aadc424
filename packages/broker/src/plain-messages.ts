import type { PlainRows } from "@hearth/backplane";
import { propertiesFromText, sealMessage, sealWill } from "./stored-message.ts";

const message = {
  columns: ["payload", "properties"],
  where: "sealed IS NULL AND (LENGTH(payload) > 0 OR properties IS NOT NULL)",
  seal(row, sealer) {
    const payload = row["payload"] as Uint8Array;
    const properties = propertiesFromText(row["properties"] as string | null);
    return { sealed: sealMessage({ payload, properties }, sealer), payload: new Uint8Array(0), properties: null };
  },
} satisfies Partial<PlainRows>;

/** What earlier versions have stored as plain text. */
export const plainMessages: readonly PlainRows[] = [
  { name: "broker_message", table: "broker_message", key: ["session_id", "seq"], ...message },
  { name: "broker_retained", table: "broker_retained", key: ["account_id", "topic"], ...message },
  {
    name: "broker_session.will",
    table: "broker_session",
    key: ["session_id"],
    columns: ["will"],
    where: "will IS NOT NULL",
    seal: ({ will }, sealer) => ({ will_sealed: sealWill(String(will), sealer), will: null }),
  },
];
