import { randomInt } from "node:crypto";
import type { Secretsmanager } from "@hearth/contract";
import { invalidParameter, invalidRequest } from "./secret.ts";

const LENGTH = 32;
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

const anyOf = (characters: string): string => characters[randomInt(characters.length)] as string;

/** AWS: GetRandomPassword. Throws `InvalidParameterException`, `InvalidRequestException`. */
export function randomPassword(input: Secretsmanager.GetRandomPasswordRequest): string {
  const kinds = [
    input.ExcludeLowercase ? "" : LOWER,
    input.ExcludeUppercase ? "" : LOWER.toUpperCase(),
    input.ExcludeNumbers ? "" : "0123456789",
    input.ExcludePunctuation ? "" : PUNCTUATION,
    input.IncludeSpace ? " " : "",
  ]
    .map((kind) => [...kind].filter((character) => !input.ExcludeCharacters?.includes(character)).join(""))
    .filter((kind) => kind !== "");
  if (kinds.length === 0) throw invalidRequest("Every character is excluded; a password needs some.");
  const length = input.PasswordLength ?? LENGTH;
  const required = (input.RequireEachIncludedType ?? true) ? kinds.map(anyOf) : [];
  if (required.length > length) {
    throw invalidParameter(`PasswordLength ${length} has no room for each of ${required.length} types of characters.`);
  }
  const all = kinds.join("");
  const password = [...required, ...Array.from({ length: length - required.length }, () => anyOf(all))];
  for (let last = password.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [password[last], password[other]] = [password[other] as string, password[last] as string];
  }
  return password.join("");
}
