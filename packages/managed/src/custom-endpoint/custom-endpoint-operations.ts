import type { Database } from "@hearth/backplane";
import type { ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import { notFound } from "../errors.ts";
import type { EnsureServiceRole } from "../service-role.ts";

/** RegisterCustomEndpoint and GetCustomEndpoint: the address that the account's devices connect to (reference 3.3). */
export function customEndpointOperations(deps: {
  database: Database;
  endpointOf(at: { accountId: string; region: string }): string;
  ensureServiceRole: EnsureServiceRole;
}) {
  const { database, endpointOf, ensureServiceRole } = deps;
  return {
    RegisterCustomEndpoint: {
      async handle(_input, request) {
        await database.commit([
          ...(await ensureServiceRole(request)),
          {
            sql: `INSERT INTO custom_endpoint (account_id, region, created_at) VALUES (?, ?, ?)
              ON CONFLICT (account_id, region) DO NOTHING`,
            params: [request.accountId, request.region, request.now],
          },
        ]);
        return { EndpointAddress: endpointOf(request) };
      },
    },
    GetCustomEndpoint: {
      async handle(_input, request) {
        const rows = await database.query("SELECT 1 FROM custom_endpoint WHERE account_id = ? AND region = ?", [
          request.accountId,
          request.region,
        ]);
        if (rows.length === 0) {
          throw notFound("CustomEndpoint", request.accountId, "No custom endpoint. Call RegisterCustomEndpoint first.");
        }
        return { EndpointAddress: endpointOf(request) };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
