/** Gives a method the name of the method that it replaces, which shows in stack traces. */
export function copyName<Method extends object>(original: object, method: Method): Method {
  return Object.defineProperty(method, 'name', { value: (original as { readonly name?: string }).name });
}
