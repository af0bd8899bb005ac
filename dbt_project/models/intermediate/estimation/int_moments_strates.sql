{%- set mesures = ['note', 'taux', 'tres_satisfaits', 'tres_insatisfaits', 'nps'] -%}
with cellules as (
    select * from {{ ref('int_comptage_extrapole') }}
),

-- Lu à part : un moteur garderait en mémoire des cellules qu'il lirait deux fois sous le même nom.
echantillon as (
    select * from {{ ref('int_comptage_extrapole') }}
    where axe = 'ensemble'
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

-- Le centre des réponses, vague par vague et question par question : compter à partir de lui évite de soustraire
-- de grands nombres presque égaux quand presque tous répondent de même.
centres as (
    select
        {%- for m in mesures %}
        {{ somme('echantillon.w * valeurs.' ~ m) }} / {{ somme('echantillon.w') }} as {{ m }}_centre,
        {%- endfor %}
        echantillon.vague,
        echantillon.question_code
    from echantillon
    inner join valeurs
        on
            echantillon.vague = valeurs.vague
            and echantillon.organisme_code = valeurs.organisme_code
            and echantillon.question_code = valeurs.question_code
            and echantillon.modalite_code = valeurs.modalite_code
    group by echantillon.vague, echantillon.question_code
),

centrees as (
    select
        {%- for m in mesures %}
        valeurs.{{ m }} - centres.{{ m }}_centre as {{ m }}_ecart,
        {%- endfor %}
        valeurs.*
    from valeurs
    inner join centres
        on
            valeurs.vague = centres.vague
            and valeurs.question_code = centres.question_code
),

sommes as (
    select
        cellules.vague,
        cellules.organisme_code,
        cellules.strate_variance,
        cellules.axe,
        cellules.segment,
        cellules.question_code,
        {%- for m in mesures %}
        {{ somme('n * ' ~ m) }} as n_{{ m }},
        {{ somme('w * ' ~ m) }} as w_{{ m }},
        {{ sommes_centrees(m) }},
        {%- endfor %}
        {{ somme('w * note_ecart * note_ecart') }} as note_wdd,
        {{ somme('case when nps = 1 then w when nps is not null then 0 end') }} as w_promoteurs,
        {{ somme('n') }} as n,
        {{ somme('w') }} as w,
        {{ somme('w2') }} as w2
    from cellules
    inner join centrees
        on
            cellules.vague = centrees.vague
            and cellules.organisme_code = centrees.organisme_code
            and cellules.question_code = centrees.question_code
            and cellules.modalite_code = centrees.modalite_code
    group by
        cellules.vague,
        cellules.organisme_code,
        cellules.strate_variance,
        cellules.axe,
        cellules.segment,
        cellules.question_code
),

plans as (
    select distinct
        vague,
        organisme_code,
        strate_variance,
        case when est_reunie then 1 else 0 end as reunie,
        nb_entretiens_variance as nh,
        coefficient_variance as ch,
        population_variance as population
    from strates
)

select
    sommes.vague,
    sommes.organisme_code,
    sommes.strate_variance,
    sommes.axe,
    sommes.segment,
    sommes.question_code,
    plans.reunie,
    plans.nh,
    plans.ch,
    plans.population,
    sommes.n,
    sommes.w,
    sommes.w2,
    {%- for m in mesures %}
    sommes.n_{{ m }},
    sommes.w_{{ m }},
    centres.{{ m }}_centre,
    sommes.{{ m }}_wd,
    sommes.{{ m }}_w2d,
    sommes.{{ m }}_w2dd,
    {%- endfor %}
    sommes.note_wdd,
    sommes.w_promoteurs
from sommes
inner join plans
    on
        sommes.vague = plans.vague
        and sommes.organisme_code = plans.organisme_code
        and sommes.strate_variance = plans.strate_variance
inner join centres
    on
        sommes.vague = centres.vague
        and sommes.question_code = centres.question_code
