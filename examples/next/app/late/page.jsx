import { connection } from 'next/server';
import { Suspense } from 'react';

export default function Late() {
  return (
    <Suspense fallback={<p>Wait…</p>}>
      <Price />
    </Suspense>
  );
}

async function Price() {
  await connection();
  throw new Error('no price');
}
