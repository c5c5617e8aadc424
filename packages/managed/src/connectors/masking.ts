/** Texts in a secret of JSON that are shorter are no secrets, but words that any message may have. */
const SHORTEST_PART = 6;

/** A secret as others may repeat it: as it is, in a URL, in a form, in JSON, in Basic's Base64; and each text in one of JSON. */
function* formsOf(secret: string): Generator<string> {
  yield secret;
  yield JSON.stringify(secret).slice(1, -1);
  yield new URLSearchParams({ _: secret }).toString().slice(2);
  const bytes = Buffer.from(secret);
  yield encodeURIComponent(bytes.toString());
  yield bytes.toString("base64");
  yield bytes.toString("base64url");
  if (!secret.startsWith("{")) return;
  try {
    for (const part of Object.values(JSON.parse(secret) as object)) {
      if (typeof part === "string" && part.length >= SHORTEST_PART) yield* formsOf(part);
    }
  } catch {
    // It only looked like JSON.
  }
}

/** What others say, with `***` in the place of each secret that they repeat. */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  const forms = new Set(secrets.flatMap((secret) => (secret ? [...formsOf(secret)] : [])));
  // The longest first: what is a part of another would leave the rest of it.
  for (const form of [...forms].sort((one, other) => other.length - one.length)) text = text.replaceAll(form, "***");
  return text;
}
