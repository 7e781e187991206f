import { KernelSet } from './kernel-set'

export const kernels = new KernelSet()

// Complex tensors are pairs of real ones; only joining and parting them happens here, the rest on the CPU host.

kernels.defineAlias('Complex', ({ real, imag }, _, host) => host.joinComplex(real!, imag!))
kernels.defineAlias('Real', ({ input }, _, host) => host.partOfComplex(input!, 'real'))
kernels.defineAlias('Imag', ({ input }, _, host) => host.partOfComplex(input!, 'imag'))
