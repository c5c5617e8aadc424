import { ServiceError } from "@hearth/contract";
import { expect, test } from "vitest";
import { activatedAs, COMPLETE, DAY, eventually, PLANTED, SECRET, type TestLinking, token } from "./test-linking.ts";

/** What the connector says to a user who has signed in. */
export function describeActivation(kit: TestLinking): void {
  const nonsense: [string, object | string, RegExp][] = [
    ["no userId", activatedAs(undefined), /without a userId/],
    ["an empty userId", activatedAs(""), /without a userId/],
    ["a userId of 65 characters", activatedAs("u".repeat(65)), /without a userId/],
    ["a userId with a line break", activatedAs("a\nb"), /without a userId/],
    ["an object as userId", activatedAs({ id: 1 }), /without a userId/],
    [
      "a refusal that echoes the token",
      { header: { responseCode: 403 }, payload: { responseMessage: `bad ${PLANTED.access}` } },
      /CONNECTOR_REFUSED - bad \*\*\*/,
    ],
  ];
  test("row 56 (part): without a usable userId the link fails and its tokens go", async () => {
    const { id, url } = await kit.begun();
    let next = url;
    for (const [name, answer, why] of nonsense) {
      kit.connectorAnswers = () => answer;
      const { location = "" } = await kit.back(next);
      expect(new URL(location).searchParams.get("error_description"), name).toMatch(why);
      expect(await kit.found(id), name).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
      expect(
        await kit.room.database.query("SELECT 1 AS one FROM account_token WHERE association_id = ?", [id]),
      ).toEqual([]);
      next = await kit.again(id);
    }
    const reports = (await kit.room.notified(id)).filter(({ type }) => type === "CONNECTOR_ERROR_REPORT");
    expect(reports.map(({ payload }) => [payload["operationName"], payload["errorCode"]])).toEqual([
      ["AWS.ActivateUser", "CONNECTOR_REFUSED"],
    ]);
  });

  test("another user's sign-in is refused, the same user's links again", async () => {
    const id = await kit.linked();
    kit.vendor.answer = () => ({ status: 400, body: { error: "invalid_grant" } });
    kit.room.clock.advance(DAY);
    expect(await kit.discover(id)).toBeUndefined();
    kit.vendor.answer = () => ({ body: token() });
    kit.connectorAnswers = () => activatedAs("user-2");
    const { location = "" } = await kit.back(await kit.again(id));
    expect(location).toContain("Another+user");
    kit.connectorAnswers = () => activatedAs("user-1");
    expect(await kit.back(await kit.again(id))).toEqual({ status: 302, location: COMPLETE });
  });

  test("a connector that takes its time lets the browser go on after 15 seconds", async () => {
    kit.connectorAnswers = () => new Promise<never>(() => {});
    const { id, url } = await kit.begun();
    const returned = kit.back(url);
    await eventually(() => kit.activated.length).toBe(1);
    expect(await kit.settled(() => returned)).toEqual({
      status: 302,
      location: expect.stringMatching(/TIMED_OUT|done\?from=hearth$/),
    });
    await kit.settled(() => kit.room.outbox.idle());
    expect(await kit.found(id)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
  });

  test("General Authorization has the named secret as its token, and no page to sign in", async () => {
    kit.secretText = PLANTED.secret;
    const GeneralAuthorization = [{ AuthMaterialName: "key", SecretsManager: SECRET }];
    const ConnectorDestinationId = await kit.destination(
      {},
      { AuthConfig: { GeneralAuthorization }, SecretsManager: undefined },
    );
    const input = { ConnectorDestinationId, GeneralAuthorization: { AuthMaterialName: "key" } };
    const made = await kit.room.call(kit.operations().CreateAccountAssociation, input);
    expect(made).toMatchObject({ OAuthAuthorizationUrl: "", AssociationState: "ASSOCIATION_IN_PROGRESS" });
    await kit.room.outbox.idle();
    const id = made.AccountAssociationId;
    expect(await kit.found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
    expect(kit.activated).toEqual([PLANTED.secret]);
    expect(await kit.discover(id)).toBe(PLANTED.secret);
    kit.secretText = new ServiceError("AccessDeniedException", "no");
    expect(await kit.discover(id)).toBeUndefined();
    expect(await kit.found(id)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
    const { AccountAssociationId: failed } = await kit.room.call(kit.operations().CreateAccountAssociation, input);
    await kit.settled(() => kit.room.outbox.idle());
    expect(await kit.found(failed)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
    expect((await kit.found(failed)).ErrorMessage).toContain("AUTHORIZATION_FAILED");
    kit.secretText = PLANTED.secret;
    const refresh = { AccountAssociationId: failed };
    const started = await kit.room.call(kit.operations().StartAccountAssociationRefresh, refresh);
    expect(started).toEqual({ OAuthAuthorizationUrl: "" });
    await kit.room.outbox.idle();
    expect(await kit.found(failed)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });
  });
}
