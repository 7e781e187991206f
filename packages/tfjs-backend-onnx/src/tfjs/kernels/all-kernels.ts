import { type KernelConfig, getKernel, getKernelsForBackend, registerKernel } from '@tensorflow/tfjs-core'
import { kernels as attention } from './attention'
import { kernels as binary } from './binary'
import { kernels as cast } from './cast'
import { kernels as complex } from './complex'
import { kernels as conv } from './conv'
import { runOnCpu } from './fallback'
import { kernels as gelu } from './gelu'
import { kernels as indexing } from './indexing'
import type { KernelHost } from './kernel-host'
import { kernels as matmul } from './matmul'
import { kernels as norm } from './norm'
import { kernels as pool } from './pool'
import { kernels as reduction } from './reduction'
import { kernels as shape } from './shape'
import { kernels as unary } from './unary'

const sets = [...[attention, binary, cast, complex, conv, gelu, indexing, matmul, norm, pool, reduction, shape, unary]]

/** Registers all kernels under the name of a backend; what tfjs' CPU backend knows and this package does not map runs there. */
export function registerKernels(backendName: string): void {
  const register = (config: KernelConfig) => {
    if (!getKernel(config.kernelName, backendName)) registerKernel(config)
  }
  for (const set of sets) set.configs(backendName).forEach(register)
  for (const { kernelName } of getKernelsForBackend('cpu')) {
    register({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => runOnCpu(kernelName, inputs, attrs, backend as KernelHost, true),
    })
  }
}
