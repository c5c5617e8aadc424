import { BoundedMap } from "@hearth/base";
import { type CompiledPolicies, compilePolicies, parsePolicy } from "@hearth/policy";

/** IoT policies of a principal, made ready for `evaluate`. */
export interface CompiledDocuments {
  readonly policies: CompiledPolicies;
  /** Whether any of them speaks of `iot:Certificate.…`: reading a certificate costs more than all the rest. */
  readonly looksAtCertificate: boolean;
}

/** Sets of documents that are kept. A fleet shares a few; who has a policy for each device compiles at each connect. */
const KEPT = 256;

const kept = new BoundedMap<string, CompiledDocuments>(KEPT);

/**
 * Parses and compiles IoT policies, known by their name and text. Kept by what they say and by nothing else, so a
 * change of a policy needs no invalidation here, and all connections under one policy share what it was compiled to.
 */
export function compiledDocuments(documents: readonly { name: string; document: string }[]): CompiledDocuments {
  // Lengths first: no name or text can pass for another's end.
  let key = "";
  for (const { name, document } of documents) key += `${name.length}:${name}${document.length}:${document}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const parsed = documents.map(({ name, document }) => ({ name, document: parsePolicy(document, "iot") }));
  const compiled = {
    policies: compilePolicies(parsed),
    looksAtCertificate: /iot:certificate\./i.test(JSON.stringify(parsed)),
  };
  kept.set(key, compiled);
  return compiled;
}
