export * from './context'
export * from './define-learner'
export * from './fitting'
export * from './part'
