import { storeConformance } from "./testing/conformance.ts";

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) storeConformance(engine);
