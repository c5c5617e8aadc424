import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, type Door, type Input, openDoor, refusalOf, sender } from "./door.ts";
import { listings } from "./listings.ts";

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.stop());

describe.each(listings)("$service $operation", (listing) => {
  let clients: Clients;
  let input: Input = {};
  beforeAll(async () => {
    let { accountId } = door.file;
    if (listing.service === "hearth") clients = door.root;
    else {
      const { AccountId, AccessKey } = await door.root.hearth.send("CreateAccount", {});
      accountId = AccountId;
      clients = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    }
    input = typeof listing.input === "function" ? listing.input(accountId) : (listing.input ?? {});
  });
  const send = (more: Input) => {
    const what = listing.tokenAlone && Object.hasOwn(more, listing.token[0]) ? {} : input;
    return sender(clients[listing.service]).send(listing.operation, { ...what, ...more });
  };
  const keysOf = (answer: Input): string[] =>
    (answer[listing.items] as (string | Record<string, string>)[]).map((item) =>
      typeof item === "string" ? item : String(item[listing.key ?? ""]),
    );
  const [into, out] = listing.token;

  test("gives each item on one page, in one order", async () => {
    await listing.before?.(clients, door);
    for (let index = 0; index < listing.count; index += 5) {
      const some = Array.from({ length: Math.min(5, listing.count - index) }, (_, offset) => index + offset);
      await Promise.all(some.map((one) => listing.make(clients, one)));
    }
    const pages: string[][] = [];
    let token: unknown;
    do {
      const answer = await send({ [listing.size]: listing.page, ...(token ? { [into]: token } : {}) });
      pages.push(keysOf(answer));
      token = answer[out];
    } while (token && pages.length <= listing.count);
    const { count, page } = listing;
    expect(pages.map(({ length }) => length)).toEqual([page, page, count - 2 * page]);
    expect(new Set(pages.flat()).size).toBe(count);
    const whole = await send({ [listing.size]: 100 });
    expect(keysOf(whole)).toEqual(pages.flat());
    expect(whole[out]).toBeUndefined();
  });

  test("refuses a token that it did not give, or takes it for the name that it is", async () => {
    const answer = send({ [into]: listing.malformed });
    if (listing.refusedAs === undefined) expect((await answer)[listing.items]).toEqual(expect.any(Array));
    else expect(await refusalOf(answer)).toMatchObject({ name: listing.refusedAs, status: 400 });
    if (listing.service !== "iot") return;
    // In the form of the lists' own tokens, but with what none of them holds.
    for (const forged of [["x", "y"], ["1", "\0"], ["\0"]]) {
      const told = send({ [into]: Buffer.from(JSON.stringify(forged)).toString("hex") });
      expect(await refusalOf(told)).toMatchObject({ name: listing.refusedAs, status: 400 });
    }
  });
});

test("row 5: 2,500 things at 1,000 a page are three pages", async () => {
  const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
  const keys = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const client = door.as(keys)["iot-managed-integrations"];
  const { managed } = door.clients(keys);
  const ids: string[] = [];
  for (let first = 0; first < 2500; first += 50) {
    const made = Array.from({ length: 50 }, (_, offset) =>
      managed.createManagedThing({
        Role: "DEVICE",
        AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
        AuthenticationMaterial: `SN:many-${first + offset};UPC:123456789012`,
      }),
    );
    for (const { Id } of await Promise.all(made)) ids.push(Id ?? "");
  }
  const pages: string[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send("ListManagedThings", { MaxResults: 1000, NextToken });
    pages.push((page.Items ?? []).map(({ Id }) => Id ?? ""));
    NextToken = page.NextToken;
  } while (NextToken && pages.length < 10);
  expect(pages.map(({ length }) => length)).toEqual([1000, 1000, 500]);
  expect(pages.flat().sort()).toEqual(ids.sort());
});

test("the library is paged as well, and a page's end loses nothing", async () => {
  const client = door.root["iot-managed-integrations"];
  const all = await client.send("ListSchemaVersions", { Type: "definition", MaxResults: 1000 });
  const found: unknown[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send("ListSchemaVersions", { Type: "definition", MaxResults: 97, NextToken });
    found.push(...(page.Items ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  expect(found.slice(0, all.Items?.length)).toEqual(all.Items);
});
