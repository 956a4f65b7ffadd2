-- A shop with `bench.rows` orders, one every 30 seconds up to now: each with one
-- delivery, one history entry, and its part of the key figures.
--
-- Run on a migrated, empty database; the caller sets bench.rows.
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';

-- Building an index once is several times faster than updating it a million times.
CREATE TEMPORARY TABLE index_to_rebuild AS
  SELECT indexname, indexdef FROM pg_indexes
  WHERE tablename IN ('orders', 'order_events', 'deliveries')
    AND schemaname = 'public' AND indexname NOT LIKE '%_pkey';
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT indexname FROM index_to_rebuild LOOP
    EXECUTE format('DROP INDEX %I', name);
  END LOOP;
END $$;

-- Ids as the server generates them (UUID version 7): 48 bits of milliseconds, the
-- version, a variant digit, and random digits.
CREATE FUNCTION pg_temp.id(at timestamptz, random text) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
    || '7' || substr(random, 1, 3) || '8' || substr(random, 4, 15))::uuid
$$;

CREATE TEMPORARY TABLE generated AS
SELECT n, created_at, 5000000000000 + n AS shopify_id, 1000 + n AS number,
  500 + (n * 7919) % 90000 AS total_minor,
  (ARRAY['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Linus', 'Margaret', 'Dennis'])[1 + n % 10] AS first_name,
  (ARRAY['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Knuth', 'Perlman'])[1 + n % 7] AS last_name,
  -- Of every 20: 12 delivered, 3 shipped, 2 confirmed, 1 pending, 2 cancelled.
  (ARRAY['DELIVERED', 'SHIPPED', 'DELIVERED', 'CONFIRMED', 'DELIVERED', 'DELIVERED', 'CANCELLED',
    'DELIVERED', 'SHIPPED', 'DELIVERED', 'PENDING', 'DELIVERED', 'DELIVERED', 'CONFIRMED', 'DELIVERED',
    'DELIVERED', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'DELIVERED'])[1 + n % 20] AS status,
  created_at - interval '2 seconds' AS placed_at,
  least(created_at + (n * 104729) % 259200 * interval '1 second', now()) AS updated_at,
  pg_temp.id(created_at, md5('order ' || n)) AS order_id,
  pg_temp.id(created_at, md5('delivery ' || n)) AS delivery_id,
  pg_temp.id(created_at, md5('event ' || n)) AS event_id
FROM (
  SELECT n, now() - (current_setting('bench.rows')::bigint - n) * interval '30 seconds' AS created_at
  FROM generate_series(1, current_setting('bench.rows')::bigint) AS n
) AS numbers;

INSERT INTO orders (
  id, shop, shopify_order_id, name, status, channel_status, financial_status,
  fulfillment_status, customer_name, customer_email, currency, total_minor,
  shipping_fee_minor, item_count, tracking_number, version, placed_at, delivered_at,
  external_updated_at, external_triggered_at, external_digest, search_text,
  created_at, updated_at
)
SELECT
  order_id, 'acme.myshopify.com', shopify_id, '#' || number, status, status,
  CASE status WHEN 'PENDING' THEN 'pending' WHEN 'CANCELLED' THEN 'refunded' ELSE 'paid' END,
  CASE WHEN status IN ('SHIPPED', 'DELIVERED') THEN 'fulfilled' END,
  first_name || ' ' || last_name,
  lower(first_name || '.' || last_name) || n % 5000 || '@example.com',
  'USD', total_minor,
  CASE WHEN total_minor < 5000 THEN 999 WHEN total_minor < 10000 THEN 799
       WHEN total_minor < 20000 THEN 599 ELSE 0 END,
  1 + n % 5,
  CASE WHEN status IN ('SHIPPED', 'DELIVERED') THEN '1z' || shopify_id END,
  1, placed_at,
  CASE status WHEN 'DELIVERED' THEN least(placed_at + interval '3 days', now()) END,
  updated_at, updated_at, 0,
  lower(concat_ws(' ', number, shopify_id, first_name, last_name, first_name, last_name || n % 5000,
    'example com', CASE WHEN status IN ('SHIPPED', 'DELIVERED') THEN '1z' || shopify_id END)),
  created_at, updated_at
FROM generated ORDER BY n;

INSERT INTO deliveries (
  id, source, shop, webhook_id, topic, triggered_at, received_at, state, attempts,
  order_id, finished_at, payload
)
SELECT
  delivery_id, 'shopify', 'acme.myshopify.com', md5('webhook ' || n), 'orders/create',
  created_at, created_at, 'applied', 1, order_id, created_at,
  convert_to(json_build_object('id', shopify_id, 'name', '#' || number, 'updated_at', updated_at,
    'total_price', total_minor / 100.0, 'currency', 'USD', 'financial_status', 'paid')::text, 'UTF8')
FROM generated ORDER BY n;

INSERT INTO order_events (id, order_id, version, actor, delivery_id, changes, at, broadcast_at)
SELECT event_id, order_id, 1, 'shopify', delivery_id, '[]', created_at, created_at
FROM generated ORDER BY n;

DO $$ DECLARE definition text; BEGIN
  FOR definition IN SELECT indexdef FROM index_to_rebuild LOOP
    EXECUTE definition;
  END LOOP;
END $$;
DROP TABLE index_to_rebuild, generated;

-- The key figures as the server would have counted them. The shard is the last digit of
-- the id.
INSERT INTO order_figures (shard, status, currency, orders, total_minor, delivery_seconds)
SELECT get_byte(uuid_send(id), 15) % 16, status, currency, count(*), sum(total_minor),
  coalesce(sum(extract(epoch FROM delivered_at - placed_at)::bigint), 0)
FROM orders GROUP BY 1, 2, 3;

INSERT INTO order_hours (hour, shard, orders)
SELECT date_trunc('hour', placed_at, 'UTC'), get_byte(uuid_send(id), 15) % 16, count(*)
FROM orders GROUP BY 1, 2;

RESET synchronous_commit;
RESET maintenance_work_mem;
