{%- set mesures = ['note', 'taux', 'tres_satisfaits', 'tres_insatisfaits', 'nps'] -%}
with comptage as (
    select * from {{ ref('int_comptage_retenu') }}
),

strates as (
    select * from {{ ref('int_strates') }}
),

participants as (
    select * from {{ ref('int_participants') }}
),

modalites as (
    select * from {{ ref('int_modalites') }}
),

baremes as (
    select * from {{ ref('stg_baremes') }}
),

-- Les réponses exprimées, une valeur par modalité et par mesure ; pour une question multiple, ses répondants.
valeurs as (
    select
        participants.vague,
        participants.organisme_code,
        modalites.question_code,
        modalites.modalite_code,
        baremes.note,
        {{ un_ou_zero('modalites.est_satisfait') }} as taux,
        {{ un_ou_zero('modalites.est_tres_satisfait') }} as tres_satisfaits,
        {{ un_ou_zero('modalites.est_tres_insatisfait') }} as tres_insatisfaits,
        case modalites.groupe_nps
            when 'promoteur' then 1.0
            when 'passif' then 0.0
            when 'detracteur' then -1.0
        end as nps
    from modalites
    cross join participants
    left join baremes
        on
            participants.bareme = baremes.bareme
            and participants.bareme_version = baremes.version
            and modalites.echelle = baremes.echelle
            and modalites.modalite_code = baremes.modalite_code
    where modalites.type = 'unique' and modalites.statut_reponse = 'exprime'
    union all
    select distinct
        participants.vague,
        participants.organisme_code,
        modalites.question_code,
        '*' as modalite_code,
        cast(null as double) as note,
        cast(null as double) as taux,
        cast(null as double) as tres_satisfaits,
        cast(null as double) as tres_insatisfaits,
        cast(null as double) as nps
    from modalites
    cross join participants
    where modalites.type = 'multiple'
),

cellules as (
    select
        comptage.vague,
        comptage.organisme_code,
        strates.strate_variance,
        strates.est_reunie,
        strates.nb_entretiens_variance,
        strates.coefficient_variance,
        strates.population_variance,
        comptage.axe,
        comptage.segment,
        comptage.question_code,
        {%- for m in mesures %}
        valeurs.{{ m }},
        {%- endfor %}
        comptage.n,
        strates.facteur * comptage.poids_somme as w,
        strates.facteur * strates.facteur * comptage.poids_carre_somme as w2
    from comptage
    inner join strates
        on
            comptage.vague = strates.vague
            and comptage.organisme_code = strates.organisme_code
            and comptage.strate = strates.strate
    inner join valeurs
        on
            comptage.vague = valeurs.vague
            and comptage.organisme_code = valeurs.organisme_code
            and comptage.question_code = valeurs.question_code
            and comptage.modalite_code = valeurs.modalite_code
),

-- Le centre des réponses, vague par vague et question par question : compter à partir de lui évite de soustraire
-- de grands nombres presque égaux quand presque tous répondent de même.
centres as (
    select
        {%- for m in mesures %}
        {{ somme('w * ' ~ m) }} / {{ somme('w') }} as {{ m }}_centre,
        {%- endfor %}
        vague,
        question_code
    from cellules
    where axe = 'ensemble'
    group by vague, question_code
),

centrees as (
    select
        {%- for m in mesures %}
        centres.{{ m }}_centre,
        cellules.{{ m }} - centres.{{ m }}_centre as {{ m }}_ecart,
        {%- endfor %}
        cellules.*
    from cellules
    inner join centres
        on
            cellules.vague = centres.vague
            and cellules.question_code = centres.question_code
)

select
    vague,
    organisme_code,
    strate_variance,
    axe,
    segment,
    question_code,
    max(case when est_reunie then 1 else 0 end) as reunie,
    min(nb_entretiens_variance) as nh,
    min(coefficient_variance) as ch,
    min(population_variance) as population,
    {{ somme('n') }} as n,
    {{ somme('w') }} as w,
    {{ somme('w2') }} as w2,
    {%- for m in mesures %}
    {{ somme('n * ' ~ m) }} as n_{{ m }},
    {{ somme('w * ' ~ m) }} as w_{{ m }},
    min({{ m }}_centre) as {{ m }}_centre,
    {{ sommes_centrees(m) }},
    {%- endfor %}
    {{ somme('w * note_ecart * note_ecart') }} as note_wdd,
    {{ somme('case when nps = 1 then w when nps is not null then 0 end') }} as w_promoteurs
from centrees
group by vague, organisme_code, strate_variance, axe, segment, question_code
