import {
  type Database,
  type Outbound,
  OutboundRefused,
  onConflictAgain,
  UniqueViolation,
  WriteConflict,
} from "@hearth/backplane";
import { randomText } from "@hearth/base";
import { type HearthOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { conflict, invalid } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import {
  type NotificationTarget,
  type TargetDetails,
  type TargetStore,
  type TargetType,
  targetArn,
} from "./target-store.ts";

/** Characters of a signing secret: over 250 bits. */
const SECRET_LENGTH = 43;
/** Milliseconds for which the secret before signs besides. */
const OVERLAP_MS = 24 * 3_600_000;

type Named = { Type: TargetType; Name: string };

const missing = ({ Type, Name }: Named) =>
  new ServiceError("ResourceNotFoundException", `There is no ${Type} notification target named ${Name}.`);

const shown = (target: NotificationTarget) => ({
  Arn: targetArn(target),
  Type: target.type,
  Name: target.name,
  Url: target.details.url,
  Subject: target.details.subject,
  CreatedAt: target.createdAt / 1000,
});

/** Notification targets beyond Kinesis (docs/guides/notification-targets.md). */
export function targetOperations(deps: {
  database: Database;
  targets: TargetStore;
  outbound: Outbound;
  idempotently: Idempotently;
  /** Whether a NATS server is configured. */
  hasJetStream: boolean;
}) {
  const { database, targets, outbound, idempotently, hasJetStream } = deps;
  const resources = ({ Type: type, Name: name }: Named, { accountId, region }: RequestContext) => [
    targetArn({ accountId, region, type, name }),
  ];

  async function webhookOf(input: { Url?: string; Subject?: string }): Promise<TargetDetails> {
    if (input.Url === undefined) throw invalid("Url: a WEBHOOK needs the URL that records are posted to.");
    if (input.Subject !== undefined) throw invalid("Subject: is for JETSTREAM only.");
    try {
      await outbound.check(input.Url);
    } catch (error) {
      if (error instanceof OutboundRefused) throw invalid(`Url: ${error.message}`);
      throw error;
    }
    return { url: input.Url, secret: randomText(SECRET_LENGTH) };
  }

  function jetStreamOf(
    input: { Url?: string; Subject?: string; Name: string },
    request: RequestContext,
  ): TargetDetails {
    if (!hasJetStream) throw invalid("Type: this installation has no NATS server. The operator names it by natsUrl.");
    if (input.Url !== undefined) throw invalid("Url: is for WEBHOOK only; the NATS server is the operator's to name.");
    const subject = input.Subject ?? input.Name.replaceAll(".", "-");
    return { subject: `hearth.${request.accountId}.${request.region}.${subject}` };
  }

  function eventsOf(input: { Url?: string; Subject?: string }): TargetDetails {
    if (input.Url !== undefined) throw invalid("Url: is for WEBHOOK only.");
    if (input.Subject !== undefined) throw invalid("Subject: is for JETSTREAM only.");
    return {};
  }

  const detailsOf = (
    input: { Type: TargetType; Name: string; Url?: string; Subject?: string },
    request: RequestContext,
  ) => {
    if (input.Type === "WEBHOOK") return webhookOf(input);
    return input.Type === "SSE" ? eventsOf(input) : jetStreamOf(input, request);
  };

  return {
    CreateNotificationTarget: {
      resources,
      handle: (input, request) =>
        idempotently("CreateNotificationTarget", input, request, async (remember) => {
          const details = await detailsOf(input, request);
          const { accountId, region, now: createdAt } = request;
          const target = { accountId, region, type: input.Type, name: input.Name, details, createdAt };
          const answer = { Arn: targetArn(target), SigningSecret: details.secret };
          try {
            await database.commit([targets.insert(target), ...remember(answer)]);
          } catch (error) {
            if (!(error instanceof UniqueViolation)) throw error;
            throw conflict(`A ${input.Type} notification target named ${input.Name} exists. Choose another name.`);
          }
          return answer;
        }),
    },

    GetNotificationTarget: {
      resources,
      async handle(input, request) {
        const target = await targets.get(request, input.Type, input.Name);
        if (!target) throw missing(input);
        return shown(target);
      },
    },

    ListNotificationTargets: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const [type = "", name = ""] = afterToken(input.NextToken).split("/");
        const rows = await targets.list(request, { type, name }, size + 1);
        const { items, nextToken } = pageOf(rows, size, (target) => `${target.type}/${target.name}`);
        return { Items: items.map(shown), NextToken: nextToken };
      },
    },

    DeleteNotificationTarget: {
      resources,
      async handle(input, request) {
        try {
          await database.commit([targets.remove(request, input.Type, input.Name)]);
        } catch (error) {
          if (error instanceof WriteConflict) throw missing(input);
          throw error;
        }
        return {};
      },
    },

    RotateNotificationTargetSecret: {
      resources,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const target = await targets.get(request, input.Type, input.Name);
          if (!target) throw missing(input);
          const { secret: previousSecret } = target.details;
          if (previousSecret === undefined) throw conflict(`A ${input.Type} target has no signing secret.`);
          const secret = randomText(SECRET_LENGTH);
          const previousUntil = request.now + OVERLAP_MS;
          await database.commit([targets.update(target, { ...target.details, secret, previousSecret, previousUntil })]);
          return { SigningSecret: secret };
        }),
    },
  } satisfies OperationTable<HearthOperations>;
}
