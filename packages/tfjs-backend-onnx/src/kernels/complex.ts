import { defineSharingKernel } from './define'

// Complex tensors are pairs of real ones; only joining and parting them happens here, the rest on the CPU backend.

defineSharingKernel('Complex', ({ real, imag }, _, backend) => backend.joinComplex(real!, imag!))
defineSharingKernel('Real', ({ input }, _, backend) => backend.partOfComplex(input!, 'real'))
defineSharingKernel('Imag', ({ input }, _, backend) => backend.partOfComplex(input!, 'imag'))
