import { createOutbound } from "@hearth/backplane";
import type { ManagedIntegrations } from "@hearth/contract";
import { expect } from "vitest";
import { startVendor, VENDOR_CERTIFICATE, type Vendor } from "../../test/vendor.ts";
import { AT, type OpenTestRoom, type TestRoom, type TestRoomOptions } from "../test-room.ts";

export const SECRET = {
  arn: `arn:aws:secretsmanager:us-east-1:${AT.accountId}:secret:vendor-aaaaaa`,
  versionId: "v".repeat(32),
};
export const COMPLETE = "https://app.example.com/done?from=hearth";
export const DAY = 86_400_000;

/** Nothing that holds one of these may be readable outside the sealed columns. */
export const PLANTED = {
  code: "planted-code",
  access: "planted-access",
  refresh: "planted-refresh",
  secret: "planted-secret",
};

/** A machine that has much to do takes its time. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 30_000, interval: 10 });

export const activatedAs = (userId: unknown) => ({ header: { responseCode: 200 }, payload: { userId } });
export const token = (more: object = {}) => ({
  ...{ access_token: PLANTED.access, token_type: "Bearer", expires_in: 3600, refresh_token: PLANTED.refresh },
  ...more,
});

export type TestLinking = ReturnType<typeof createTestLinking>;

/** A room, a vendor whose answers the test writes, and a browser. `open` before anything else. */
export function createTestLinking(openRoom: OpenTestRoom) {
  let first: TestRoom;
  /** Requests to the vendor that have no answer yet. */
  let inFlight = 0;
  let usual: string | undefined;
  const activated: string[] = [];
  const logged: string[] = [];
  const sourceArns: string[] = [];

  const line = (...given: unknown[]) => void logged.push(JSON.stringify(given));
  const log = { debug: line, info: line, warn: line, error: line, fatal: line, child: () => log } as never;
  const outbound = createOutbound({ allow: ["127.0.0.1"], ca: [VENDOR_CERTIFICATE] });
  const options: TestRoomOptions = {
    log,
    outbound: {
      check: outbound.check,
      async request(url, request) {
        inFlight++;
        const answer = outbound.request(url, request).finally(() => inFlight--);
        if (!kit.isKilled) return answer;
        await answer.catch(() => undefined);
        return new Promise<never>(() => {});
      },
    },
    async readSecret({ sourceArn }) {
      sourceArns.push(sourceArn);
      if (kit.secretText instanceof Error) throw kit.secretText;
      return kit.secretText;
    },
    async invokeFunction({ payload }) {
      const { header, payload: asked } = JSON.parse(payload);
      if (asked.operationName === "AWS.ActivateUser") activated.push(header.auth.token);
      const answer = await kit.connectorAnswers(asked.operationName, header.auth.token);
      return { payload: typeof answer === "string" ? answer : JSON.stringify(answer) };
    },
  };
  const operations = () => kit.room.managed.operations;

  async function destination(oAuth: Partial<ManagedIntegrations.OAuthConfig> = {}, more: object = {}): Promise<string> {
    const connector = { Name: "c", EndpointConfig: { lambda: { arn: "vendor" } } };
    const { Id: CloudConnectorId = "" } = await kit.room.call(operations().CreateCloudConnector, connector);
    const { Id = "" } = await kit.room.call(operations().CreateConnectorDestination, {
      CloudConnectorId,
      AuthConfig: {
        oAuth: {
          authUrl: kit.vendor.authUrl,
          tokenUrl: kit.vendor.tokenUrl,
          scope: "lights fans",
          tokenEndpointAuthenticationScheme: "HTTP_BASIC",
          oAuthCompleteRedirectUrl: COMPLETE,
          ...oAuth,
        },
      },
      SecretsManager: SECRET,
      ...more,
    });
    return Id;
  }
  async function begun(ConnectorDestinationId?: string) {
    usual ??= await destination();
    const given = { ConnectorDestinationId: ConnectorDestinationId ?? usual };
    const made = await kit.room.call(operations().CreateAccountAssociation, given);
    return { id: made.AccountAssociationId, url: new URL(made.OAuthAuthorizationUrl) };
  }
  const found = (AccountAssociationId: string) =>
    kit.room.call(operations().GetAccountAssociation, { AccountAssociationId });
  /** The browser comes back with the state of this authorization URL. */
  const back = (url: URL, more: Record<string, string> = { code: PLANTED.code }) =>
    kit.room.managed.acceptCallback(new URLSearchParams({ state: url.searchParams.get("state") ?? "", ...more }));
  /** Linked: id. */
  async function linked(ConnectorDestinationId?: string): Promise<string> {
    const { id, url } = await begun(ConnectorDestinationId);
    expect(await back(url)).toEqual({ status: 302, location: COMPLETE });
    expect((await found(id)).AssociationState).toBe("ASSOCIATION_SUCCEEDED");
    return id;
  }
  async function again(AccountAssociationId: string): Promise<URL> {
    const started = await kit.room.call(operations().StartAccountAssociationRefresh, { AccountAssociationId });
    return new URL(started.OAuthAuthorizationUrl);
  }
  const states = async (id: string) =>
    (await kit.room.notified(id))
      .filter(({ type }) => type === "ACCOUNT_ASSOCIATION")
      .map(({ payload }) => payload["associationState"]);
  /** Has the connector search: what it was called with, or why it was not. */
  async function discover(AccountAssociationId: string): Promise<string | undefined> {
    let used: string | undefined;
    const before = kit.connectorAnswers;
    kit.connectorAnswers = (operation, given) => {
      used = given;
      return before(operation, given);
    };
    const input = { DiscoveryType: "CLOUD" as const, AccountAssociationId };
    await kit.room.call(operations().StartDeviceDiscovery, input);
    await settled(() => kit.room.outbox.idle());
    kit.connectorAnswers = before;
    return used;
  }
  /** Lets time pass where somebody waits for it, between attempts; not while the vendor is being asked. */
  async function settled<T>(work: () => Promise<T>): Promise<T> {
    let isDone = false;
    const done = work().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      if (inFlight === 0) kit.room.clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return done;
  }

  const kit = {
    ...{ operations, destination, begun, found, back, linked, again, states, discover, settled },
    ...{ activated, logged, sourceArns },
    room: undefined as unknown as TestRoom,
    vendor: undefined as unknown as Vendor,
    /** Requests are sent, and nobody is there any more who could take their answers. */
    isKilled: false,
    secretText: "" as string | Error,
    connectorAnswers: ((): object => ({})) as (operation: string, token: string) => object | string | Promise<never>,

    async open(): Promise<void> {
      kit.vendor = await startVendor();
      first = await openRoom(options);
      kit.room = first;
      await kit.room.configure("all", ["ACCOUNT_ASSOCIATION", "CONNECTOR_ERROR_REPORT"]);
    },
    /** As it was: a vendor and a connector that say yes, and nothing asked of them. */
    reset(): void {
      kit.secretText = JSON.stringify({ clientId: "client", clientSecret: PLANTED.secret });
      kit.connectorAnswers = () => activatedAs("user-1");
      kit.vendor.answer = () => ({ body: token() });
      kit.vendor.asked.length = 0;
      activated.length = 0;
      sourceArns.length = 0;
    },
    /** The platform is killed and started again on its database. */
    async restart(): Promise<void> {
      const before = kit.room;
      kit.room = await before.restart();
      if (before !== first) await before.close();
    },
    async close(): Promise<void> {
      if (kit.room !== first) await kit.room.close();
      await first.close();
      kit.vendor.close();
    },
  };
  return kit;
}
