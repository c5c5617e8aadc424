import { describeStores } from "../../../tests/kit/stores.ts";
import { logsSuite } from "./logs/logs-suite.ts";
import { migrations } from "./migrations.ts";
import { objectsSuite } from "./objects/objects-suite.ts";
import { secretsSuite } from "./secrets/secrets-suite.ts";
import { trailSuite } from "./trail/trail-suite.ts";

describeStores(migrations, [trailSuite, logsSuite, secretsSuite, objectsSuite]);
