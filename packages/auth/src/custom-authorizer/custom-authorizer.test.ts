import { describe, expect, test } from "vitest";
import { authorizeCustom, type CustomAuthorizer, type CustomCredentials } from "./custom-authorizer.ts";

const none: CustomCredentials = { sourceIp: "192.0.2.7" };
const name = "x-amz-customauthorizer-name";

describe("a client that comes by way of a custom authorizer (reference 8)", () => {
  test.each<[string, CustomCredentials, string]>([
    ["names none", none, "There is no default custom authorizer: custom authorizers are not built yet."],
    [
      "has an empty user name",
      { ...none, mqtt: { clientId: "c" } },
      "There is no default custom authorizer: custom authorizers are not built yet.",
    ],
    [
      "names it in a header",
      { ...none, http: { headers: { [name]: "mine" }, queryString: "" } },
      "There is no custom authorizer mine: custom authorizers are not built yet.",
    ],
    [
      "names it in the query, in any case and encoding",
      { ...none, http: { headers: {}, queryString: "a=b&X-Amz-CustomAuthorizer-Name=m%2Cine" } },
      "There is no custom authorizer m,ine: custom authorizers are not built yet.",
    ],
    [
      "names it in the user name",
      { ...none, mqtt: { clientId: "c", username: `me?token=t&${name}=mine` } },
      "There is no custom authorizer mine: custom authorizers are not built yet.",
    ],
    [
      "says what is no name",
      { ...none, mqtt: { clientId: "c", username: `?${name}=<b>` } },
      `The value of ${name} is not a name.`,
    ],
    [
      "has a user name like it",
      { ...none, mqtt: { clientId: "c", username: name } },
      "There is no default custom authorizer: custom authorizers are not built yet.",
    ],
  ])("%s: refused in words while there is no authorizer", async (_, credentials, refused) => {
    const verdict = await authorizeCustom(undefined, credentials);
    expect(verdict).toEqual(refused.startsWith("There is no") ? { refused, notBuilt: true } : { refused });
  });

  test("is judged by the authorizer that it names, with all that it shows", async () => {
    const judged: unknown[] = [];
    const authorizer: CustomAuthorizer = {
      async judge(...all) {
        judged.push(all);
        return { refused: "not you" };
      },
    };
    const credentials = { ...none, mqtt: { clientId: "c", username: `me?${name}=mine`, password: Buffer.from("p") } };
    expect(await authorizeCustom(authorizer, credentials)).toEqual({ refused: "not you" });
    expect(judged).toEqual([["mine", credentials]]);
  });
});
