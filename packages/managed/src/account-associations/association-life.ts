import type { Write } from "@hearth/backplane";
import { InternalError } from "@hearth/base";
import type { Notifier } from "../notifications/notifier.ts";
import { type AccountAssociation, associationArn, mayBecome } from "./account-association.ts";
import type { AssociationStore } from "./association-store.ts";

export type AssociationLife = ReturnType<typeof createAssociationLife>;

/** Every change of an association's state, with the one ACCOUNT_ASSOCIATION event that it causes (reference 7.3, U24). */
export function createAssociationLife(deps: { associations: AssociationStore; notifier: Pick<Notifier, "write"> }) {
  const { associations, notifier } = deps;
  const tell = (association: AccountAssociation): Promise<Write[]> =>
    notifier.write({ ...association, arn: associationArn(association) }, [
      {
        type: "ACCOUNT_ASSOCIATION",
        payload: {
          accountAssociationId: association.id,
          associationState: association.state,
          errorMessage: association.details.errorMessage,
        },
      },
    ]);

  return {
    create: async (association: AccountAssociation): Promise<Write[]> => [
      await associations.insert(association),
      ...(await tell(association)),
    ],

    /** Replaces `before` by `after`; a change of state must be a legal one. */
    async change(before: AccountAssociation, after: AccountAssociation): Promise<Write[]> {
      const update = await associations.update(before, after);
      if (before.state === after.state) return [update];
      if (!mayBecome(before.state, after.state)) {
        throw new InternalError(`an account association may not go from ${before.state} to ${after.state}`);
      }
      return [update, ...(await tell(after))];
    },

    /** No token and no user of the vendor hangs on what is removed here, so nobody else has to agree. */
    remove: async (association: AccountAssociation): Promise<Write[]> => [
      associations.remove(association),
      ...(await tell({ ...association, state: "ASSOCIATION_DELETING" })),
    ],
  };
}
