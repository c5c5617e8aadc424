import { describeStores } from "../../../tests/kit/stores.ts";
import { migrations } from "./function-store.ts";
import { functionsSuite } from "./functions-suite.ts";

describeStores(migrations, [functionsSuite]);
