-- Loi normale et quantile contre les valeurs de R (pnorm, qnorm), à 1e-12 près en relatif.
{%- set queues = {
    '0.0': 0.5,
    '0.5': 0.3085375387259869,
    '1.0': 0.15865525393145707,
    '-1.0': 0.15865525393145707,
    '1.959963984540054': 0.025,
    '3.0': 0.0013498980316300946,
    '6.0': 9.865876450376981e-10,
    '8.0': 6.220960574271786e-16,
    '20.0': 2.7536241186062337e-89,
} %}
{%- set quantiles = {
    '0.5': 0.0,
    '0.75': 0.6744897501960817,
    '0.9': 1.2815515655446004,
    '0.975': 1.959963984540054,
    '0.025': -1.959963984540054,
    '0.999': 3.090232306167813,
    '1e-15': -7.941345326170997,
} %}
with cas as (
    {%- for x, attendu in queues.items() %}
    select
        'queue' as fonction,
        cast({{ x }} as double) as x,
        cast({{ attendu }} as double) as attendu
    union all
    {%- endfor %}
    {%- for p, attendu in quantiles.items() %}
    select
        'quantile' as fonction,
        cast({{ p }} as double) as x,
        cast({{ attendu }} as double) as attendu
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

calcules as (
    select
        *,
        case
            when fonction = 'queue' then {{ queue_normale('x') }}
            else {{ quantile_normal('x') }}
        end as calcule
    from cas
)

select *
from calcules
where calcule is null or abs(calcule - attendu) > 1e-12 * abs(attendu) + 1e-16
