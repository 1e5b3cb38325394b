export const kernelFile: string;
export function buildKernel(): void;
