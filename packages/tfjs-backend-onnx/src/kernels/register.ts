import { getKernel, getKernelsForBackend, registerKernel } from '@tensorflow/tfjs-core'
import type { OnnxBackend } from '../backend'
import './attention'
import './binary'
import './cast'
import './complex'
import './conv'
import './gelu'
import './index-kernels'
import './matmul'
import './norm'
import './pool'
import './reduce'
import './shape'
import './unary'
import { backendName } from './define'
import { runOnCpu } from './fallback'

/** Whatever tfjs' CPU backend knows and the modules above do not map. */
for (const { kernelName } of getKernelsForBackend('cpu')) {
  if (getKernel(kernelName, backendName)) continue
  registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => runOnCpu(kernelName, inputs, attrs, backend as OnnxBackend, true),
  })
}
