import { Navigate } from "@tanstack/react-router";
import { firstPlace } from "../shell/navigation.ts";
import { useSignedIn } from "../shell/signed-in.tsx";
import { MachinesPage } from "./machines/machines-page.tsx";

/** The first page: My machines for who may open any, otherwise the first place their rights give. */
export function HomePage() {
  const { rights } = useSignedIn();
  const first = firstPlace(rights);
  return first === "/" ? <MachinesPage /> : <Navigate to={first} replace />;
}
