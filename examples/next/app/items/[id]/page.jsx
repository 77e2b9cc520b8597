import { notFound } from 'next/navigation';

export default async function Item({ params }) {
  const { id } = await params;
  if (id === 'none') notFound();
  return <h1>Item {id}</h1>;
}
