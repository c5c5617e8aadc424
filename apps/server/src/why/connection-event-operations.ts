import type { Broker, ConnectionEvent } from "@hearth/broker";
import { type HearthOperations, type OperationTable, ServiceError } from "@hearth/contract";
import type { ListedEvent } from "./describe-events.ts";

/**
 * ListConnectionEvents of the `hearth` service: what happened to a client, to a certificate, or the latest refusals of
 * the account; newest last. The operator's account also sees peers that nobody is known behind.
 */
export function connectionEventOperations(deps: {
  connectionLog: Broker["connectionLog"];
  /** The installation's own account. */
  accountId: string;
}) {
  const { connectionLog, accountId: operator } = deps;
  return {
    ListConnectionEvents: {
      resources({ ClientId, CertificateId }, { accountId, region }) {
        const prefix = `arn:aws:iot:${region}:${accountId}:`;
        if (ClientId !== undefined) return [`${prefix}client/${ClientId}`];
        return CertificateId === undefined ? ["*"] : [`${prefix}cert/${CertificateId}`];
      },
      async handle({ ClientId, CertificateId, MaxResults = 100, NextToken = "0" }, { accountId }) {
        if (ClientId !== undefined && CertificateId !== undefined) {
          throw new ServiceError("ValidationException", "Ask for a ClientId or for a CertificateId, not for both.");
        }
        const asked = { clientId: ClientId, certificateId: CertificateId, operator: accountId === operator };
        // A token is the place of the last event that was told.
        const after = Number(NextToken);
        const rest = connectionLog.list(accountId, asked).filter(({ sequence }) => sequence > after);
        const page = rest.slice(0, MaxResults);
        const last = page.at(-1);
        return {
          Events: page.map(listed),
          ...(last !== undefined && rest.length > page.length && { NextToken: String(last.sequence) }),
        };
      },
    },
  } satisfies OperationTable<Pick<HearthOperations, "ListConnectionEvents">>;
}

function listed(event: ConnectionEvent): ListedEvent {
  const { timestamp, lastTimestamp, count, eventType, status, reason, cause } = event;
  const { clientId, certificateId, principalId, sourceIp, protocol, topicName, filter, reasonCode, details } = event;
  return {
    Timestamp: timestamp / 1000,
    LastTimestamp: lastTimestamp / 1000,
    Count: count,
    EventType: eventType,
    Status: status,
    Cause: cause,
    Reason: reason,
    ...(clientId !== undefined && { ClientId: clientId }),
    ...(certificateId !== undefined && { CertificateId: certificateId }),
    ...(principalId !== undefined && { PrincipalId: principalId }),
    ...(sourceIp !== undefined && { SourceIp: sourceIp }),
    ...(protocol !== undefined && { Protocol: protocol }),
    ...(topicName !== undefined && { TopicName: topicName }),
    ...(filter !== undefined && { Filter: filter }),
    ...(reasonCode !== undefined && { ReasonCode: reasonCode }),
    ...(details !== undefined && { Details: details }),
  };
}
